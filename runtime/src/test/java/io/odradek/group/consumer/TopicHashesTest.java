package io.odradek.group.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.odradek.metadata.Command;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.MetadataImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RegisterBrokerRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.common.runtime.KRaftCoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.Utils;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataProvenance;
import org.junit.jupiter.api.Test;

class TopicHashesTest {
    private final InMemoryMetadataStore metadata = new InMemoryMetadataStore(1);
    private final TopicHashes hashes = new TopicHashes();

    private void brokers() {
        metadata.apply(new Command.InitializeCluster("cluster", Features.latest()));
        for (int id = 1; id <= 3; id++) {
            metadata.apply(new Command.RegisterBroker(
                    id,
                    new Uuid(id, 1),
                    List.of(new Endpoint("PLAINTEXT", "host" + id, 9092, SecurityProtocol.PLAINTEXT)),
                    id == 3 ? Optional.empty() : Optional.of("rack-" + (9 - id)),
                    Features.supported()));
        }
    }

    private void topic(String name, int partitions, int replicas) {
        metadata.apply(new Command.CreateTopic(
                new Uuid(9, name.hashCode()), name, partitions, (short) replicas, Map.of(), Map.of()));
    }

    /** The same cluster as Apache Kafka would see it. */
    private static CoordinatorMetadataImage kafkas(MetadataImage ours) {
        var delta = new MetadataDelta.Builder().build();
        ours.brokers()
                .values()
                .forEach(broker -> delta.replay(new RegisterBrokerRecord()
                        .setBrokerId(broker.id())
                        .setBrokerEpoch(broker.epoch())
                        .setRack(broker.rack().orElse(null))));
        ours.topics().all().forEach(topic -> {
            delta.replay(new TopicRecord().setName(topic.name()).setTopicId(topic.id()));
            for (int p = 0; p < topic.partitions().size(); p++) {
                var replicas = List.copyOf(topic.partitions().get(p).replicas());
                delta.replay(new PartitionRecord()
                        .setTopicId(topic.id())
                        .setPartitionId(p)
                        .setReplicas(replicas)
                        .setIsr(replicas)
                        .setLeader(replicas.get(0)));
            }
        });
        return new KRaftCoordinatorMetadataImage(delta.apply(MetadataProvenance.EMPTY));
    }

    @Test
    void theSameNumbersAsApacheKafka() {
        brokers();
        topic("b", 3, 2);
        topic("a", 1, 3);
        topic("c.d-e_f", 5, 1);
        var names = List.of("b", "a", "c.d-e_f", "missing");
        var kafkas = kafkas(metadata.image());
        var topics = Stream.of("b", "a", "c.d-e_f")
                .collect(Collectors.toMap(name -> name, name -> Utils.computeTopicHash(name, kafkas)));
        assertEquals(Utils.computeGroupHash(topics), hashes.of(names, metadata.image()));
        assertEquals(0, hashes.of(List.of("missing"), metadata.image()));
    }

    @Test
    void aTopicThatHasChangedHasAnotherHash() {
        brokers();
        topic("t", 1, 1);
        long before = hashes.of(List.of("t"), metadata.image());
        metadata.apply(new Command.CreatePartitions("t", 2, Optional.empty()));
        hashes.changed("t");
        assertNotEquals(before, hashes.of(List.of("t"), metadata.image()));
    }
}
