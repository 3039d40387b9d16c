/**
 * The cluster's state as immutable values, the commands that change it, and one pure function that applies a command to an
 * image.
 *
 * <p>What the function makes of a command is part of the format: brokers of two versions apply the same log, and a broker
 * applies again after an upgrade what it applied before. A rule therefore changes only together with a feature level
 * ({@link io.odradek.metadata.Features}) that the whole cluster has reached.
 */
package io.odradek.metadata;
