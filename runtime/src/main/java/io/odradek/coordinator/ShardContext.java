package io.odradek.coordinator;

import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * What a shard has of the world around it.
 *
 * @param partition of the internal topic
 * @param leaderEpoch in which the shard lives: the coordinator's epoch
 * @param time the wall clock, {@link Time#milliseconds()}; a fake one in tests
 * @param newId random ids; repeatable ones in tests
 */
public record ShardContext(int partition, int leaderEpoch, Time time, ShardTimers timers, Supplier<Uuid> newId) {}
