/** Quarkus wiring: configuration, life cycle, health and metrics. */
package io.odradek.app;
