package io.odradek.metadata;

/**
 * A member of an ISR as its leader saw it.
 *
 * @param epoch the broker epoch with which it fetched; {@link Command#NO_EPOCH} where the leader does not know it, which
 *     is not checked
 */
public record BrokerState(int id, long epoch) {}
