package io.odradek.transaction;

import io.odradek.config.BrokerConfig;
import io.odradek.config.TransactionSettings;
import io.odradek.coordinator.NoShards;
import io.odradek.metadata.MetadataImage;
import io.odradek.replication.PartitionRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.utils.Time;

/** What handlers get on a broker that coordinates no transactions. */
public final class NoTransactions {
    private NoTransactions() {}

    public static TransactionCoordinator coordinator() {
        return new TransactionCoordinator(
                factory -> new NoShards<>(),
                NoTransactions::settings,
                () -> MetadataImage.EMPTY,
                () -> CompletableFuture.completedStage(1L),
                broker -> Optional.empty(),
                (delayMs, task) -> () -> {});
    }

    public static TransactionVerifier verifier(PartitionRegistry partitions) {
        return new PartitionVerification(
                partitions,
                new LocalCoordinatorInquiry(coordinator()),
                NoTransactions::settings,
                (delayMs, task) -> () -> {},
                Time.SYSTEM);
    }

    private static TransactionSettings settings() {
        return BrokerConfig.of(Map.of("node.id", "1", "log.dirs", "data", "listeners", "PLAINTEXT://localhost:9092"))
                .transactions();
    }
}
