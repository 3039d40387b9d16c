package io.odradek.group;

import io.odradek.config.BrokerConfig;
import io.odradek.coordinator.ShardDriver;
import io.odradek.group.classic.ClassicGroups;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/** A shard under test, and what clients ask of its offsets. */
final class OffsetsUnderTest {
    static final String GROUP = "group";
    static final short LATEST = 10;
    static final short EPOCH = 3;

    final InMemoryMetadataStore metadata = new InMemoryMetadataStore(1);
    final ShardDriver<GroupShard> driver;

    OffsetsUnderTest() {
        this(Map.of());
    }

    OffsetsUnderTest(Map<String, String> settings) {
        var config = BrokerConfig.of(settings);
        driver = new ShardDriver<>(
                GroupCoordinator.recordTypes(),
                GroupCoordinator.shards(List.of(ClassicGroups::new), ClassicGroups::simple, () -> config));
        metadata.apply(new Command.InitializeCluster("cluster", Features.latest()));
        metadata.apply(
                new Command.RegisterBroker(1, Uuid.randomUuid(), List.of(), Optional.empty(), Features.supported()));
        metadata.addListener(driver::image);
    }

    GroupOffsets offsets() {
        return driver.shard().offsets();
    }

    void add(Group group) {
        driver.shard().groups().put(group);
    }

    boolean hasGroup() {
        return driver.shard().groups().get(GROUP).isPresent();
    }

    TopicImage topic(String name) {
        return metadata.apply(new Command.CreateTopic(Uuid.randomUuid(), name, 10, (short) 1, Map.of(), Map.of()));
    }

    void deleteTopic(String name) {
        metadata.apply(new Command.DeleteTopic(
                metadata.image().topics().byName(name).orElseThrow().id()));
    }

    private Uuid idOf(String topic) {
        return metadata.image().topics().byName(topic).map(TopicImage::id).orElse(Uuid.ZERO_UUID);
    }

    OffsetCommitRequestData commitRequest(String group, String topic, int partition, long offset) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName(topic)
                        .setTopicId(idOf(topic))
                        .setPartitions(List.of(new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)))));
    }

    /** The error of the only partition. */
    Errors commit(OffsetCommitRequestData request, int version) {
        var response = driver.write(shard -> shard.commitOffsets(request, (short) version));
        return Errors.forCode(response.topics().get(0).partitions().get(0).errorCode());
    }

    void commit(String group, String topic, int partition, long offset) {
        commit(commitRequest(group, topic, partition, offset), LATEST);
    }

    static TxnOffsetCommitRequestData txnRequest(
            long producerId, String group, String topic, int partition, long offset) {
        return new TxnOffsetCommitRequestData()
                .setTransactionalId("tx-" + producerId)
                .setProducerId(producerId)
                .setProducerEpoch(EPOCH)
                .setGroupId(group)
                .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new TxnOffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)))));
    }

    Errors commitInTransaction(TxnOffsetCommitRequestData request) {
        var response = driver.writeTransactional(request.producerId(), request.producerEpoch(), shard -> shard.offsets()
                .commitInTransaction(request, (short) 5));
        return Errors.forCode(response.topics().get(0).partitions().get(0).errorCode());
    }

    void commitInTransaction(long producerId, String group, String topic, int partition, long offset) {
        commitInTransaction(txnRequest(producerId, group, topic, partition, offset));
    }

    void end(long producerId, TransactionResult result) {
        driver.endTransaction(producerId, EPOCH, result);
    }

    Errors delete(String group, String topic, int partition) {
        var request = new OffsetDeleteRequestData()
                .setGroupId(group)
                .setTopics(new OffsetDeleteRequestTopicCollection(List.of(new OffsetDeleteRequestTopic()
                                .setName(topic)
                                .setPartitions(
                                        List.of(new OffsetDeleteRequestPartition().setPartitionIndex(partition))))
                        .iterator()));
        var response = driver.write(shard -> shard.offsets().delete(request));
        var answer = response.topics().iterator().next();
        return Errors.forCode(answer.partitions().iterator().next().errorCode());
    }

    /** All offsets of a group as "topic-partition", and what a client sees there: the offset, or -2 if it is unstable. */
    Map<String, Long> fetchAll(String group, boolean requireStable) {
        var found = new TreeMap<String, Long>();
        var request = new OffsetFetchRequestGroup().setGroupId(group).setTopics(null);
        for (var topic : driver.read(shard -> shard.offsets().fetch(request, requireStable))
                .topics()) {
            for (var partition : topic.partitions()) {
                found.put(topic.name() + "-" + partition.partitionIndex(), seen(partition));
            }
        }
        return found;
    }

    Map<String, Long> fetchAll() {
        return fetchAll(GROUP, false);
    }

    private static long seen(OffsetFetchResponsePartitions partition) {
        return partition.errorCode() == Errors.UNSTABLE_OFFSET_COMMIT.code() ? -2 : partition.committedOffset();
    }
}
