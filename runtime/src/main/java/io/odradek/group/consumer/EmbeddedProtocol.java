package io.odradek.group.consumer;

import io.odradek.group.message.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import io.odradek.metadata.MetadataImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.apache.kafka.common.utils.Utils;

/** Subscriptions and assignments as classic members carry them: bytes that are none of a classic coordinator's business. */
final class EmbeddedProtocol {
    private EmbeddedProtocol() {}

    /** @throws SchemaException the bytes are no subscription */
    static ConsumerProtocolSubscription subscription(byte[] bytes) {
        return parsed(bytes, ConsumerProtocol::deserializeConsumerProtocolSubscription);
    }

    /** @throws SchemaException the bytes are no assignment */
    static ConsumerProtocolAssignment assignment(byte[] bytes) {
        return parsed(bytes, ConsumerProtocol::deserializeConsumerProtocolAssignment);
    }

    /** Kafka's parser has several exceptions for bytes that make no sense. */
    private static <T> T parsed(byte[] bytes, Function<ByteBuffer, T> parser) {
        try {
            return parser.apply(ByteBuffer.wrap(bytes));
        } catch (SchemaException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new SchemaException("Malformed embedded consumer protocol", e);
        }
    }

    /** Topics that do not exist any more are left out. */
    static Assignment assignment(ConsumerProtocolAssignment assignment, MetadataImage image) {
        var partitions = new TreeMap<Uuid, Set<Integer>>();
        assignment.assignedPartitions().forEach(of -> image.topics()
                .byName(of.topic())
                .filter(topic -> !of.partitions().isEmpty())
                .ifPresent(topic -> partitions.put(topic.id(), new TreeSet<>(of.partitions()))));
        return new Assignment(partitions);
    }

    /** What a member that joins says that it owns. */
    static List<TopicPartitions> owned(ConsumerProtocolSubscription subscription, MetadataImage image) {
        var owned = new ArrayList<TopicPartitions>();
        subscription.ownedPartitions().forEach(of -> image.topics()
                .byName(of.topic())
                .ifPresent(topic ->
                        owned.add(new TopicPartitions().setTopicId(topic.id()).setPartitions(of.partitions()))));
        return owned;
    }

    static Optional<String> rack(ConsumerProtocolSubscription subscription) {
        return Optional.ofNullable(subscription.rackId()).filter(rack -> !rack.isEmpty());
    }

    /** @param protocol that the member supports: the bytes have the version of its subscription */
    static byte[] bytes(Assignment assignment, ClassicProtocol protocol, MetadataImage image) {
        var topics = new ConsumerProtocolAssignment.TopicPartitionCollection();
        for (Map.Entry<Uuid, Set<Integer>> of : assignment.partitions().entrySet()) {
            image.topics()
                    .byId(of.getKey())
                    .ifPresent(topic -> topics.add(new ConsumerProtocolAssignment.TopicPartition()
                            .setTopic(topic.name())
                            .setPartitions(List.copyOf(of.getValue()))));
        }
        return Utils.toArray(ConsumerProtocol.serializeAssignment(
                new ConsumerProtocolAssignment().setAssignedPartitions(topics),
                ConsumerProtocol.deserializeVersion(ByteBuffer.wrap(protocol.metadata()))));
    }
}
