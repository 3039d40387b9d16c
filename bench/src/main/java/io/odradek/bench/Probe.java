package io.odradek.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** One Metadata request over a plain socket, without a client's retries and back-offs. */
final class Probe {
    private static final short VERSION = ApiKeys.METADATA.latestVersion();

    private Probe() {}

    /** Whether a broker answers at that port and knows at least one broker. */
    static boolean answersMetadata(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(1000);
            var request = new MetadataRequest(new MetadataRequestData().setTopics(java.util.List.of()), VERSION);
            var body = request.serializeWithHeader(new RequestHeader(ApiKeys.METADATA, VERSION, "probe", 1));
            var frame = ByteBuffer.allocate(4 + body.remaining())
                    .putInt(body.remaining())
                    .put(body);
            socket.getOutputStream().write(frame.array());
            var in = new DataInputStream(socket.getInputStream());
            var answer = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            ResponseHeader.parse(answer, ApiKeys.METADATA.responseHeaderVersion(VERSION));
            var data = new MetadataResponseData(new ByteBufferAccessor(answer), VERSION);
            return !new MetadataResponse(data, VERSION).brokers().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }
}
