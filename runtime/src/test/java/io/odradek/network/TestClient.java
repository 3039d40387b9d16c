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
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** Writes and reads bytes on a socket. What does not come within ten seconds fails the test. */
final class TestClient implements AutoCloseable {
    static final int TIMEOUT_MS = 10_000;

    private final Socket socket;
    private final DataInputStream in;
    private int correlationId;

    TestClient(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    TestClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void write(ByteBuffer bytes) throws IOException {
        write(bytes.array());
    }

    RequestHeader send(AbstractRequest request) throws IOException {
        var header = new RequestHeader(request.apiKey(), request.version(), "test", correlationId++);
        write(frame(header, request));
        return header;
    }

    static byte[] frame(RequestHeader header, AbstractRequest request) {
        var body = request.serializeWithHeader(header);
        return ByteBuffer.allocate(4 + body.remaining())
                .putInt(body.remaining())
                .put(body)
                .array();
    }

    RequestHeader sendMetadata(String... topics) throws IOException {
        return send(metadata(topics));
    }

    static MetadataRequest metadata(String... topics) {
        var data = new MetadataRequestData().setAllowAutoTopicCreation(false);
        for (var topic : topics) {
            data.topics().add(new MetadataRequestTopic().setName(topic));
        }
        return new MetadataRequest.Builder(data).build((short) 9);
    }

    ByteBuffer readFrame() throws IOException {
        var bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    AbstractResponse read(RequestHeader request) throws IOException {
        var frame = readFrame();
        var header = ResponseHeader.parse(frame, request.apiKey().responseHeaderVersion(request.apiVersion()));
        if (header.correlationId() != request.correlationId()) {
            throw new AssertionError("response to " + header.correlationId() + ", not to " + request.correlationId());
        }
        return AbstractResponse.parseResponse(request.apiKey(), new ByteBufferAccessor(frame), request.apiVersion());
    }

    List<String> readMetadata(RequestHeader request) throws IOException {
        var names = new ArrayList<String>();
        ((MetadataResponse) read(request)).data().topics().forEach(t -> names.add(t.name()));
        return names;
    }

    /** Sends a request and reads its answer: the connection works. */
    void ping() throws IOException {
        var names = readMetadata(sendMetadata("ping"));
        if (!names.equals(List.of("ping"))) {
            throw new AssertionError(names);
        }
    }

    /** Whether the server closed the connection, without having sent any more. */
    boolean isClosedByServer() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (EOFException | java.net.SocketException e) {
            return true;
        }
    }

    /** How many bytes came before the server closed the connection. */
    int readUntilClosed() throws IOException {
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

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
