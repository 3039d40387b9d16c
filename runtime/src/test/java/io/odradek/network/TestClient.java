package io.odradek.network;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;

/** Writes and reads bytes on a socket. What does not come within ten seconds fails the test. */
public final class TestClient implements AutoCloseable {
    public static final int TIMEOUT_MS = 10_000;

    private final Socket socket;
    private final DataInputStream in;
    private int correlationId;

    public TestClient(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    public TestClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    public void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public void write(ByteBuffer bytes) throws IOException {
        write(bytes.array());
    }

    public RequestHeader send(AbstractRequest request) throws IOException {
        var header = new RequestHeader(request.apiKey(), request.version(), "test", correlationId++);
        write(frame(header, request));
        return header;
    }

    public static byte[] frame(RequestHeader header, AbstractRequest request) {
        return frame(request.serializeWithHeader(header));
    }

    public static byte[] frame(ByteBuffer body) {
        return ByteBuffer.allocate(4 + body.remaining())
                .putInt(body.remaining())
                .put(body)
                .array();
    }

    /** Sends a request as it is, even one that a client library would not make. */
    public RequestHeader send(ApiKeys api, int version, ApiMessage request) throws IOException {
        var header = new RequestHeader(api, (short) version, "test", correlationId++);
        write(frame(RequestUtils.serialize(header.data(), header.headerVersion(), request, (short) version)));
        return header;
    }

    /** Sends a request as it is, and reads the answer. */
    @SuppressWarnings("unchecked")
    public <T extends ApiMessage> T call(ApiKeys api, int version, ApiMessage request) throws IOException {
        return (T) read(send(api, version, request)).data();
    }

    public RequestHeader sendMetadata(String... topics) throws IOException {
        return send(metadata(topics));
    }

    public static MetadataRequest metadata(String... topics) {
        var data = new MetadataRequestData().setAllowAutoTopicCreation(false);
        for (var topic : topics) {
            data.topics().add(new MetadataRequestTopic().setName(topic));
        }
        return new MetadataRequest.Builder(data).build((short) 9);
    }

    public ByteBuffer readFrame() throws IOException {
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    public AbstractResponse read(RequestHeader request) throws IOException {
        var frame = readFrame();
        var header = ResponseHeader.parse(frame, request.apiKey().responseHeaderVersion(request.apiVersion()));
        if (header.correlationId() != request.correlationId()) {
            throw new AssertionError("response to " + header.correlationId() + ", not to " + request.correlationId());
        }
        return AbstractResponse.parseResponse(request.apiKey(), new ByteBufferAccessor(frame), request.apiVersion());
    }

    public List<String> readMetadata(RequestHeader request) throws IOException {
        var names = new ArrayList<String>();
        ((MetadataResponse) read(request)).data().topics().forEach(t -> names.add(t.name()));
        return names;
    }

    /** Sends a request and reads its answer: the connection works. */
    public void ping() throws IOException {
        var names = readMetadata(sendMetadata("ping"));
        if (!names.equals(List.of("ping"))) {
            throw new AssertionError(names);
        }
    }

    /** Whether the server closed the connection, without having sent any more. */
    public boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (EOFException | java.net.SocketException e) {
            return true;
        }
    }

    /** How many bytes came before the server closed the connection. */
    public int readUntilClosed() throws IOException {
        int bytes = 0;
        try {
            while (in.read() >= 0) {
                bytes++;
            }
        } catch (java.net.SocketException e) {
            // Reset, which is closed too.
        }
        return bytes;
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
