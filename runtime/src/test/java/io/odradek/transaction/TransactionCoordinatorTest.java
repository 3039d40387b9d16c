package io.odradek.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class TransactionCoordinatorTest {
    private static Errors error(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().join();
            return Errors.NONE;
        } catch (CompletionException e) {
            return Errors.forException(e.getCause());
        }
    }

    /** As Apache Kafka 4.3 with {@code transaction.two.phase.commit.enable=false}. */
    @Test
    void twoPhaseCommitIsNotToBeHadUnlessItIsEnabled() {
        var coordinator = NoTransactions.coordinator();
        assertEquals(
                Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                error(coordinator.initProducerId("id", 1000, true, false, Optional.empty())));
        assertEquals(
                Errors.UNSUPPORTED_VERSION,
                error(coordinator.initProducerId("id", 1000, false, true, Optional.empty())));
        assertEquals(
                Errors.INVALID_TRANSACTION_TIMEOUT,
                error(coordinator.initProducerId("id", 0, false, false, Optional.empty())));
        assertEquals(
                Errors.NOT_COORDINATOR, error(coordinator.initProducerId("id", 1, false, false, Optional.empty())));
    }
}
