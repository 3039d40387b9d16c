/**
 * The commands. They talk the Kafka protocol to a broker and know nothing of its inside, so they work against Apache Kafka
 * too; no container is booted for them. {@link io.odradek.cli.Odradek#run} is the entrance.
 */
package io.odradek.cli;
