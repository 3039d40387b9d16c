/**
 * The libraries that Kafka's users build on, unmodified and in processes of their own, against the packaged broker:
 * Kafka Streams, Kafka Connect, MirrorMaker 2. With {@code -Dodradek.peer=true} the same runs against Apache Kafka, which
 * proves a test before it judges us.
 */
package io.odradek.ecosystem;
