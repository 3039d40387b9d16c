/** The cluster's state as immutable values, the commands that change it, and one pure function that applies a command to an image. */
package io.odradek.metadata;
