package io.odradek.config;

/** What is in force, from the layers of settings: topic, broker, cluster default, what the broker was started with, defaults. */
public final class DynamicConfig {
    private DynamicConfig() {}
}
