package io.odradek.log;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.utils.Time;

/**
 * What all logs of a store share.
 *
 * @param background runs what may take its time: removal of files, flushes by time; never blocked for long by a log
 * @param random spreads the rolling of segments; thread-safe
 * @param producerIdExpirationMs {@code producer.id.expiration.ms} as it is now
 * @param verificationRequired whether the first batch of a transaction has to be verified, as it is now
 */
record LogEnvironment(
        LogFiles files,
        Time time,
        ScheduledExecutorService background,
        RandomGenerator random,
        RecordValidator validator,
        LongSupplier producerIdExpirationMs,
        BooleanSupplier verificationRequired) {}
