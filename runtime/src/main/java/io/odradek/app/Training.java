package io.odradek.app;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * What a broker does for its first clients, done once so that the JVM has loaded the classes for it and can archive them
 * ({@code -XX:ArchiveClassesAtExit}). Asked for by the launcher with the system property {@code io.odradek.train}. Plain
 * requests over a socket: the clients' own classes would only make the archive larger.
 */
final class Training {
    private static final String TOPIC = "training";

    /** The last versions that name topics and do not need their ids. */
    private static final short PRODUCE_VERSION = 12;

    private static final short FETCH_VERSION = 12;

    private Training() {}

    static boolean isAskedFor() {
        return Boolean.getBoolean("io.odradek.train");
    }

    static void run(int port) throws IOException {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(new CreatableTopic().setName(TOPIC).setNumPartitions(1).setReplicationFactor((short) 1));
        var records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(0L, "key".getBytes(), "value".getBytes()));
        var produced = new ProduceRequestData.TopicProduceDataCollection();
        produced.add(new TopicProduceData()
                .setName(TOPIC)
                .setPartitionData(List.of(new PartitionProduceData().setRecords(records))));
        var fetched = new FetchTopic()
                .setTopic(TOPIC)
                .setPartitions(List.of(new FetchPartition().setPartitionMaxBytes(1 << 20)));
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            ask(
                    socket,
                    new ApiVersionsRequest(
                            new ApiVersionsRequestData()
                                    .setClientSoftwareName("odradek")
                                    .setClientSoftwareVersion("training"),
                            (short) 3));
            ask(
                    socket,
                    new CreateTopicsRequest.Builder(new CreateTopicsRequestData()
                                    .setTopics(topics)
                                    .setTimeoutMs(10_000))
                            .build());
            ask(socket, new MetadataRequest.Builder(new MetadataRequestData().setTopics(null)).build());
            ask(
                    socket,
                    new ProduceRequest(
                            new ProduceRequestData()
                                    .setAcks((short) -1)
                                    .setTimeoutMs(10_000)
                                    .setTopicData(produced),
                            PRODUCE_VERSION));
            ask(
                    socket,
                    new FetchRequest(
                            new FetchRequestData()
                                    .setMaxWaitMs(1000)
                                    .setMinBytes(1)
                                    .setTopics(List.of(fetched)),
                            FETCH_VERSION));
        }
    }

    private static void ask(Socket socket, AbstractRequest request) throws IOException {
        var body = request.serializeWithHeader(new RequestHeader(request.apiKey(), request.version(), "training", 1));
        var frame = ByteBuffer.allocate(Integer.BYTES + body.remaining())
                .putInt(body.remaining())
                .put(body);
        socket.getOutputStream().write(frame.array());
        var in = new DataInputStream(socket.getInputStream());
        in.skipNBytes(in.readInt());
    }
}
