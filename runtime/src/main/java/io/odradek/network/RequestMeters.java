package io.odradek.network;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;

/**
 * The network's meters:
 *
 * <ul>
 *   <li>{@code odradek.requests} (timer, histogram; tag {@code api}): from a request's last byte to its answer
 *   <li>{@code odradek.request.bytes}, {@code odradek.response.bytes} (counters; tag {@code api})
 *   <li>{@code odradek.request.errors} (counter; tags {@code api}, {@code error}): error codes in responses, one per
 *       topic or partition where the response has them there
 *   <li>{@code odradek.request.disconnects} (counter; tag {@code api}): requests answered by closing the connection
 *   <li>{@code odradek.connections} (gauge; tag {@code listener}), {@code odradek.connections.opened} (counter; tag
 *       {@code listener}), {@code odradek.connections.refused} (counter; tags {@code listener}, {@code reason})
 * </ul>
 *
 * Meters appear when there is first something to count.
 */
public final class RequestMeters implements RequestMetrics {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private final MeterRegistry registry;
    private final AtomicReferenceArray<OfApi> apis = new AtomicReferenceArray<>(ApiKeys.values().length);
    private final Map<String, OfListener> listeners = new ConcurrentHashMap<>();

    public RequestMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    private OfApi of(ApiKeys api) {
        var meters = apis.getAcquire(api.ordinal());
        if (meters == null) {
            // Made twice at the worst: the registry gives the same meters.
            meters = new OfApi(registry, api);
            apis.setRelease(api.ordinal(), meters);
        }
        return meters;
    }

    private OfListener of(String listener) {
        return listeners.computeIfAbsent(listener, name -> new OfListener(registry, name));
    }

    @Override
    public void answered(ApiKeys api, AbstractResponse response, long nanos, int requestBytes, long responseBytes) {
        var meters = of(api);
        meters.count(nanos, requestBytes);
        meters.responseBytes.increment(responseBytes);
        response.errorCounts().forEach((error, count) -> {
            if (error != Errors.NONE) {
                meters.error(error).increment(count);
            }
        });
    }

    @Override
    public void silent(ApiKeys api, long nanos, int requestBytes) {
        of(api).count(nanos, requestBytes);
    }

    @Override
    public void disconnected(ApiKeys api) {
        of(api).disconnects.increment();
    }

    @Override
    public void connectionOpened(String listener) {
        var meters = of(listener);
        meters.opened.increment();
        meters.open.incrementAndGet();
    }

    @Override
    public void connectionClosed(String listener) {
        of(listener).open.decrementAndGet();
    }

    @Override
    public void connectionRefused(String listener, Refusal reason) {
        Counter.builder("odradek.connections.refused")
                .description("Connections that were not let in, or were closed by the broker")
                .tags("listener", listener, "reason", reason.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }

    private static final class OfApi {
        private final MeterRegistry registry;
        private final Tags tags;
        private final Timer duration;
        private final Counter requestBytes;
        private final Counter responseBytes;
        private final Counter disconnects;
        private final Map<Errors, Counter> errors = new ConcurrentHashMap<>();

        OfApi(MeterRegistry registry, ApiKeys api) {
            this.registry = registry;
            this.tags = Tags.of("api", api.name);
            this.duration = Timer.builder("odradek.requests")
                    .description("From a request's last byte to its answer")
                    .serviceLevelObjectives(BUCKETS)
                    .tags(tags)
                    .register(registry);
            this.requestBytes = counter("odradek.request.bytes", "bytes", "Requests read");
            this.responseBytes = counter("odradek.response.bytes", "bytes", "Responses written");
            this.disconnects = counter("odradek.request.disconnects", null, "Requests answered by closing");
        }

        private Counter counter(String name, String unit, String description) {
            return Counter.builder(name)
                    .baseUnit(unit)
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        void count(long nanos, int bytes) {
            duration.record(nanos, TimeUnit.NANOSECONDS);
            requestBytes.increment(bytes);
        }

        Counter error(Errors error) {
            return errors.computeIfAbsent(error, e -> Counter.builder("odradek.request.errors")
                    .description("Error codes in responses")
                    .tags(tags.and("error", e.name()))
                    .register(registry));
        }
    }

    private static final class OfListener {
        private final Counter opened;
        private final AtomicInteger open = new AtomicInteger();

        OfListener(MeterRegistry registry, String listener) {
            opened = Counter.builder("odradek.connections.opened")
                    .description("Connections that were let in")
                    .tags("listener", listener)
                    .register(registry);
            Gauge.builder("odradek.connections", open, AtomicInteger::get)
                    .description("Connections that are open")
                    .tags("listener", listener)
                    .register(registry);
        }
    }
}
