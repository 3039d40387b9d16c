/** Settings and what they mean: Kafka's names, types, defaults and documentation, and the typed values made from them. Knows nothing of where they are read from. */
package io.odradek.config;
