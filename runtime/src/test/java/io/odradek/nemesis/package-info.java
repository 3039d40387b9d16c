/**
 * What happens to the machines of a cluster: each node in a network namespace of its own, with disks and a clock of its own,
 * and faults ({@link io.odradek.nemesis.Fault}) that strike them and heal. Needs root, and touches nothing of the machine but
 * what it made itself.
 */
package io.odradek.nemesis;
