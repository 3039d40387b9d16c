package io.odradek.ecosystem;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;

/** One of the two clusters that are mirrored to each other: what its users do and see. */
final class MirroredCluster implements AutoCloseable {
    static final String TOPIC = "orders";

    private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;

    private final String name;
    private final String bootstrap;
    private final Admin admin;
    private final KafkaProducer<String, String> producer;
    private int produced;

    MirroredCluster(String name, String bootstrap) {
        this.name = name;
        this.bootstrap = bootstrap;
        // One request at a time: Apache Kafka may refuse the first batch of a new topic and take the second for the
        // first.
        var settings = Map.<String, Object>of(
                "bootstrap.servers", bootstrap,
                "reconnect.backoff.max.ms", "100",
                "max.in.flight.requests.per.connection", "1");
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "reconnect.backoff.max.ms", "100"));
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    String name() {
        return name;
    }

    String bootstrap() {
        return bootstrap;
    }

    /** The name of this cluster's topic where it is copied to. */
    String copy() {
        return name + "." + TOPIC;
    }

    void createTopic(int partitions, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(TOPIC, partitions, (short) 1).configs(configs)))
                .all()
                .get();
    }

    void addPartitions(int total) throws Exception {
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(total)))
                .all()
                .get();
    }

    void setConfig(String config, String value) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(config, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource(TOPIC), List.of(change)))
                .all()
                .get();
    }

    String config(String topic, String config) throws Exception {
        return admin.describeConfigs(List.of(resource(topic)))
                .all()
                .get()
                .get(resource(topic))
                .get(config)
                .value();
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    int partitions(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }

    /** Records with keys, headers and timestamps of their own. */
    void produce(int records) throws Exception {
        var acknowledged = new ArrayList<Future<?>>();
        for (int i = 0; i < records; i++, produced++) {
            var record = new ProducerRecord<>(
                    TOPIC, null, FIRST_TIMESTAMP + produced, "key " + produced % 100, name + " " + produced);
            record.headers()
                    .add(new RecordHeader("number", Integer.toString(produced).getBytes()));
            acknowledged.add(producer.send(record));
        }
        producer.flush();
        for (var one : acknowledged) {
            one.get();
        }
    }

    /** How many records there are to copy. */
    int produced() {
        return produced;
    }

    /** The records of a topic by partition, all that a copy must have in common with its source. */
    Map<Integer, List<String>> contents(String topic) {
        return CommittedRecords.read(bootstrap, topic).stream()
                .collect(Collectors.groupingBy(
                        ConsumerRecord::partition, Collectors.mapping(MirroredCluster::text, Collectors.toList())));
    }

    /** The records of a topic from where the group is to go on. */
    Map<Integer, List<String>> contentsAfter(String group, String topic) throws Exception {
        var committed = committed(group);
        return CommittedRecords.read(bootstrap, topic).stream()
                .filter(record ->
                        record.offset() >= committed.getOrDefault(new TopicPartition(topic, record.partition()), 0L))
                .collect(Collectors.groupingBy(
                        ConsumerRecord::partition, Collectors.mapping(MirroredCluster::text, Collectors.toList())));
    }

    private static String text(ConsumerRecord<String, String> record) {
        var headers = Arrays.stream(record.headers().toArray())
                .map(header -> header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8))
                .toList();
        return record.timestamp() + " " + record.key() + " " + record.value() + " " + headers;
    }

    /** Commits for a group that it has read everything. */
    void commitEnd(String group) throws Exception {
        var asked = IntStream.range(0, partitions(TOPIC))
                .boxed()
                .collect(Collectors.toMap(p -> new TopicPartition(TOPIC, p), p -> OffsetSpec.latest()));
        var ends = new HashMap<TopicPartition, OffsetAndMetadata>();
        admin.listOffsets(asked)
                .all()
                .get()
                .forEach((partition, end) -> ends.put(partition, new OffsetAndMetadata(end.offset())));
        admin.alterConsumerGroupOffsets(group, ends).all().get();
    }

    Map<TopicPartition, Long> committed(String group) throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
