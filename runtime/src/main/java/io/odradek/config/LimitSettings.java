package io.odradek.config;

/**
 * Bounds of our own, beside those that Kafka's settings give.
 *
 * @param requestMemoryBytes {@code odradek.request.memory.bytes}: requests read and not yet answered, over all
 *     connections
 * @param maxOpenFiles {@code odradek.log.max.open.files}: files of logs kept open at a time
 * @param maxDecompressedBatchBytes {@code odradek.max.decompressed.batch.bytes}: what one record batch may inflate to
 */
public record LimitSettings(long requestMemoryBytes, int maxOpenFiles, int maxDecompressedBatchBytes) {}
