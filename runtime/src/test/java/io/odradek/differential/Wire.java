package io.odradek.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * A bare connection: requests exactly as given, even those that a client library would not send. Not thread-safe.
 * Reconnects when the broker has closed the connection.
 */
final class Wire implements AutoCloseable {
    static final String CLIENT_ID = "differential";

    private static final int TIMEOUT_MS = 20_000;

    private final int port;
    private Socket socket;
    private int correlationId;
    private Pending pending;

    /** A request whose answer has not been read yet. */
    private record Pending(ApiKeys api, short version) {}

    Wire(int port) {
        this.port = port;
    }

    /** The response, or null if the broker closed the connection instead. */
    ApiMessage call(ApiKeys api, short version, ApiMessage request) {
        begin(api, version, request);
        return finish();
    }

    /** Sends a request whose answer may take until others have asked for something; {@link #finish} gives it. */
    void begin(ApiKeys api, short version, ApiMessage request) {
        if (pending != null) {
            throw new IllegalStateException("the answer to " + pending + " was not waited for");
        }
        try {
            send(api, version, request);
            pending = new Pending(api, version);
        } catch (IOException e) {
            reset();
            throw new UncheckedIOException(e);
        }
    }

    /** The response to what was begun, or null if the broker closed the connection instead. */
    ApiMessage finish() {
        var api = pending.api;
        short version = pending.version;
        pending = null;
        try {
            var response = receive();
            response.position(response.position() + responseHeaderSize(response, api, version));
            var body = ApiMessageType.fromApiKey(api.id).newResponse();
            body.read(new ByteBufferAccessor(response), version);
            return body;
        } catch (EOFException e) {
            reset();
            return null;
        } catch (IOException e) {
            reset();
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a request that no response comes to. */
    void send(ApiKeys api, short version, ApiMessage request) throws IOException {
        var header = new RequestHeaderData()
                .setRequestApiKey(api.id)
                .setRequestApiVersion(version)
                .setCorrelationId(++correlationId)
                .setClientId(CLIENT_ID);
        short headerVersion = ApiMessageType.fromApiKey(api.id).requestHeaderVersion(version);
        var cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + request.size(cache, version);
        var buffer = ByteBuffer.allocate(size);
        var writable = new ByteBufferAccessor(buffer);
        header.write(writable, cache, headerVersion);
        request.write(writable, cache, version);
        sendFrame(buffer.array());
    }

    void sendFrame(byte[] frame) throws IOException {
        if (socket == null) {
            socket = new Socket("localhost", port);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.setTcpNoDelay(true);
        }
        var out = new DataOutputStream(socket.getOutputStream());
        var bytes = ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame);
        out.write(bytes.array());
        out.flush();
    }

    ByteBuffer receive() throws IOException {
        try {
            var in = new DataInputStream(socket.getInputStream());
            var frame = new byte[in.readInt()];
            in.readFully(frame);
            return ByteBuffer.wrap(frame);
        } catch (java.net.SocketException e) {
            throw new EOFException(e.getMessage());
        }
    }

    private static int responseHeaderSize(ByteBuffer response, ApiKeys api, short version) {
        var copy = response.duplicate();
        short headerVersion = ApiMessageType.fromApiKey(api.id).responseHeaderVersion(version);
        new ResponseHeaderData().read(new ByteBufferAccessor(copy), headerVersion);
        return copy.position() - response.position();
    }

    /** The message as JSON, through the converter that comes with its class. */
    static JsonNode json(ApiMessage message, short version) {
        try {
            var converter = Class.forName(message.getClass().getName() + "JsonConverter");
            for (var method : converter.getMethods()) {
                if (method.getName().equals("write") && method.getParameterCount() == 2) {
                    return (JsonNode) method.invoke(null, message, version);
                }
            }
            throw new IllegalStateException("no converter for " + message.getClass());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private void reset() {
        close();
    }

    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            socket = null;
        }
    }
}
