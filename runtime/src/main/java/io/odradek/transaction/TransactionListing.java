package io.odradek.transaction;

/** A line of ListTransactions. */
public record TransactionListing(String transactionalId, long producerId, TransactionState state) {}
