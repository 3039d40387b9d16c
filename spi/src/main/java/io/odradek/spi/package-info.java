/** Contracts for plugins. Small, documented, stable; depends on nothing but Mutiny and the JDK. */
package io.odradek.spi;
