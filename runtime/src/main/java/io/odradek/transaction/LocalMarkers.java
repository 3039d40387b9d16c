package io.odradek.transaction;

import io.odradek.coordinator.CoordinatorRuntime;
import io.odradek.replication.PartitionRegistry;
import io.odradek.replication.Timer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;
import org.jboss.logging.Logger;

/** Writes markers into the partitions that this broker leads; into those of the group coordinator through it. */
public final class LocalMarkers implements MarkerDestination {
    private static final Logger LOG = Logger.getLogger(LocalMarkers.class);

    private final PartitionRegistry partitions;
    private final CoordinatorRuntime<?> groups;
    private final Timer timer;
    private final Time time;
    private final long timeoutMs;

    /** @param timeoutMs how long in-sync replicas may take */
    public LocalMarkers(
            PartitionRegistry partitions, CoordinatorRuntime<?> groups, Timer timer, Time time, long timeoutMs) {
        this.partitions = partitions;
        this.groups = groups;
        this.timer = timer;
        this.time = time;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public CompletionStage<Map<TopicPartition, Errors>> write(
            TransactionMarker marker, Collection<TopicPartition> partitions) {
        var errors = new ConcurrentHashMap<TopicPartition, Errors>();
        var appends = new ArrayList<CompletableFuture<?>>(partitions.size());
        for (var partition : partitions) {
            appends.add(write(marker, partition)
                    .thenAccept(error -> errors.put(partition, error))
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(appends.toArray(CompletableFuture[]::new))
                .thenApply(done -> errors);
    }

    private CompletionStage<Errors> write(TransactionMarker marker, TopicPartition partition) {
        try {
            if (partition.topic().equals(Topic.GROUP_METADATA_TOPIC_NAME)) {
                return writeToGroups(marker, partition.partition());
            }
            var leader = partitions.leader(partition.topic(), partition.partition());
            return MarkerAppend.start(leader, marker, time.milliseconds(), timer, timeoutMs);
        } catch (ApiException e) {
            return CompletableFuture.completedStage(Errors.forException(e));
        } catch (RuntimeException e) {
            LOG.errorf(e, "The marker of a transaction could not be written to %s", partition);
            return CompletableFuture.completedStage(Errors.UNKNOWN_SERVER_ERROR);
        }
    }

    /** Pending offsets take effect with the marker. */
    private CompletionStage<Errors> writeToGroups(TransactionMarker marker, int partition) {
        return groups.endTransaction(
                        partition,
                        marker.producerId(),
                        marker.producerEpoch(),
                        marker.coordinatorEpoch(),
                        marker.result(),
                        marker.transactionVersion())
                .handle((done, failure) -> failure == null ? Errors.NONE : ofGroups(failure));
    }

    /** The transaction coordinator knows nothing of group coordinators: it is to look for the leader again. */
    private static Errors ofGroups(Throwable failure) {
        var error = Errors.forException(failure);
        return switch (error) {
            case COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR ->
                Errors.NOT_LEADER_OR_FOLLOWER;
            default -> error;
        };
    }
}
