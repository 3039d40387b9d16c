/**
 * Consumer groups (KIP-848): the coordinator computes who gets which partitions, and leads each member there one heartbeat
 * at a time. A group is a value; a record of the log makes the next one of it. Members that speak the classic protocol may
 * be in a consumer group while it migrates.
 */
package io.odradek.group.consumer;
