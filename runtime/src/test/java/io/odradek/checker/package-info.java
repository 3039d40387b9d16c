/**
 * Whether a broker kept the promises of transactions and groups, found out in the manner of Jepsen's Kafka workload:
 * clients write down what they do and see ({@link io.odradek.checker.Event}), and a pure function over that history finds
 * what must not be ({@link io.odradek.checker.TransactionChecker}).
 */
package io.odradek.checker;
