package io.odradek.broker;

import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command;
import io.odradek.metadata.Command.RegisterBroker;
import io.odradek.metadata.Endpoint;
import io.odradek.metadata.Features;
import io.odradek.metadata.InMemoryMetadataStore;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.QuorumState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Metadata of a cluster, applied at once; says what was proposed, and refuses what a test wants refused. */
final class ClusterMetadata implements MetadataStore {
    final List<Command<?>> proposed = new ArrayList<>();
    /** Failures of the next proposals, which are not applied. */
    final Deque<ApiException> failures = new ArrayDeque<>();

    Runnable beforeNextProposal = () -> {};

    private final InMemoryMetadataStore store = new InMemoryMetadataStore(1);

    /** With brokers 1 to n in service. */
    static ClusterMetadata withBrokers(int count) {
        var metadata = new ClusterMetadata();
        metadata.store.apply(new Command.InitializeCluster("cluster", Features.latest()));
        for (int id = 1; id <= count; id++) {
            metadata.store.apply(broker(id));
        }
        return metadata;
    }

    static RegisterBroker broker(int id) {
        return new RegisterBroker(
                id,
                Uuid.randomUuid(),
                List.of(new Endpoint("PLAINTEXT", "host" + id, 9092, SecurityProtocol.PLAINTEXT)),
                Optional.empty(),
                Features.supported());
    }

    /** Applies it as if somebody else had proposed it. */
    <R> R apply(Command<R> command) {
        return store.apply(command);
    }

    /** @param replicas of each partition */
    @SafeVarargs
    final void topic(String name, List<Integer>... replicas) {
        var assignments = new TreeMap<Integer, List<Integer>>();
        for (int i = 0; i < replicas.length; i++) {
            assignments.put(i, replicas[i]);
        }
        apply(new Command.CreateTopic(Uuid.randomUuid(), name, -1, (short) -1, assignments, Map.of()));
    }

    PartitionImage partition(String topic, int partition) {
        return image().topics().byName(topic).orElseThrow().partition(partition).orElseThrow();
    }

    BrokerImage brokerOf(int id) {
        return image().broker(id).orElseThrow();
    }

    void fence(int id) {
        apply(new Command.FenceBroker(id, brokerOf(id).epoch()));
    }

    @Override
    public MetadataImage image() {
        return store.image();
    }

    @Override
    public <R> CompletionStage<R> propose(Command<R> command) {
        var before = beforeNextProposal;
        beforeNextProposal = () -> {};
        before.run();
        proposed.add(command);
        var failure = failures.poll();
        return failure == null ? store.propose(command) : CompletableFuture.failedStage(failure);
    }

    @Override
    public void addListener(MetadataListener listener) {
        store.addListener(listener);
    }

    @Override
    public QuorumState quorum() {
        return store.quorum();
    }
}
