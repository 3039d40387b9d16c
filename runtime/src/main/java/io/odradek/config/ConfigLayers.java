package io.odradek.config;

import java.util.Map;

/**
 * The settings of a broker, layer over layer.
 *
 * @param broker dynamic settings of this broker; they win
 * @param clusterDefault dynamic settings of all brokers
 * @param startedWith what the broker was started with; below it are only defaults
 */
public record ConfigLayers(
        Map<String, String> broker, Map<String, String> clusterDefault, Map<String, String> startedWith) {}
