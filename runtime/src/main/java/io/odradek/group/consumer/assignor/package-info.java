/**
 * How the partitions of subscribed topics are shared out among the members of a consumer group: pure functions from
 * members, subscriptions and the assignment so far to the next one. The same input gives the same assignment, whatever the
 * order in which it was put together. As in Apache Kafka 4.3 they do not look at racks.
 */
package io.odradek.group.consumer.assignor;
