/**
 * The transaction coordinator: a state machine for each partition of {@code __transaction_state}, and what carries its
 * decisions to the partitions that a transaction wrote to (KIP-98, KIP-890).
 */
package io.odradek.transaction;
