package io.odradek.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A client's connection without a client: requests as they are given, answers in their order. One thread may send while
 * another receives.
 */
final class Connection implements AutoCloseable {
    private static final int TIMEOUT_MS = 120_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final Queue<RequestHeader> waiting = new ArrayDeque<>();
    private int correlationId;

    Connection(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** Sends without waiting for the answer. */
    void send(AbstractRequest request) throws IOException {
        RequestHeader header;
        synchronized (waiting) {
            header = new RequestHeader(request.apiKey(), request.version(), "bench", correlationId++);
            waiting.add(header);
        }
        var body = request.serializeWithHeader(header);
        var frame = ByteBuffer.allocate(Integer.BYTES + body.remaining())
                .putInt(body.remaining())
                .put(body);
        socket.getOutputStream().write(frame.array());
    }

    /** The answer to the oldest request that has none yet. */
    AbstractResponse receive() throws IOException {
        var answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
        RequestHeader header;
        synchronized (waiting) {
            header = waiting.remove();
        }
        return AbstractResponse.parseResponse(answer, header);
    }

    <T extends AbstractResponse> T call(AbstractRequest request, Class<T> answer) throws IOException {
        send(request);
        return answer.cast(receive());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
