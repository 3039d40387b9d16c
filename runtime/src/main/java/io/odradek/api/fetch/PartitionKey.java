package io.odradek.api.fetch;

import org.apache.kafka.common.Uuid;

/**
 * A partition as a fetch names it: by topic id from version 13 on ({@code topic} is empty then), by topic name before
 * ({@code topicId} is zero).
 */
record PartitionKey(Uuid topicId, String topic, int partition) {}
