package io.odradek.config;

/**
 * How quotas are measured. The quotas themselves are metadata.
 *
 * @param windowNum {@code quota.window.num}
 * @param windowSizeSeconds {@code quota.window.size.seconds}
 */
public record QuotaSettings(int windowNum, int windowSizeSeconds) {}
