package io.odradek.config;

import org.apache.kafka.common.config.ConfigException;

/** What must hold between settings. */
final class Check {
    private Check() {}

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new ConfigException(otherwise);
        }
    }
}
