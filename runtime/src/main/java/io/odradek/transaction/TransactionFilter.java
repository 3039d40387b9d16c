package io.odradek.transaction;

import com.google.re2j.Pattern;
import java.util.Optional;
import java.util.Set;

/**
 * Which transactions ListTransactions is about.
 *
 * @param producerIds all if empty
 * @param states that are wanted
 * @param minDurationMs transactions that have been open for longer; all if negative
 * @param idPattern has to match the whole transactional id
 */
public record TransactionFilter(
        Set<Long> producerIds, Set<TransactionState> states, long minDurationMs, Optional<Pattern> idPattern) {
    boolean matches(Transaction transaction, long nowMs) {
        return (producerIds.isEmpty() || producerIds.contains(transaction.producerId()))
                && states.contains(transaction.state())
                && (minDurationMs < 0 || nowMs - transaction.startMs() > minDurationMs)
                && idPattern.map(p -> p.matches(transaction.transactionalId())).orElse(true);
    }
}
