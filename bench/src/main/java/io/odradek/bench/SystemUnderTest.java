package io.odradek.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** What is measured: one broker or a cluster, in processes of their own. */
interface SystemUnderTest extends AutoCloseable {
    String name();

    String bootstrap();

    /** Settings for starts from now on. */
    void configure(Map<String, String> settings);

    /** Starts it on empty directories; how long that took. */
    Duration start() throws Exception;

    /** What its processes have used so far. */
    Duration cpu();

    long residentMegabytes() throws IOException;

    void stop() throws Exception;

    @Override
    void close() throws Exception;
}
