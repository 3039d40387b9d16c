package io.odradek.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.spi.QuotaEnforcer;
import java.net.InetSocketAddress;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

class QuotasTest {
    private static final ClientIdentity CLIENT = ClientIdentity.anonymous(
            "PLAINTEXT", SecurityProtocol.PLAINTEXT, InetSocketAddress.createUnresolved("here", 1));

    @Test
    void withoutAnEnforcerNobodyIsThrottled() {
        assertEquals(0, Quotas.unlimited().record(CLIENT, "c", QuotaEnforcer.Usage.PRODUCE_BYTES, Integer.MAX_VALUE));
    }

    @Test
    void theThrottleTimeIsTheEnforcersWithinBounds() {
        assertEquals(30, throttle(amount -> amount * 10, 3));
        assertEquals(0, throttle(amount -> -5, 3));
        assertEquals(Integer.MAX_VALUE, throttle(amount -> Long.MAX_VALUE, 3));
    }

    @Test
    void aFailingEnforcerDoesNotThrottle() {
        assertEquals(
                0,
                throttle(
                        amount -> {
                            throw new IllegalStateException("broken");
                        },
                        3));
    }

    private static int throttle(java.util.function.LongUnaryOperator throttleMs, long amount) {
        QuotaEnforcer enforcer = new QuotaEnforcer() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public long record(Subject subject, Usage usage, long used, long nowNanos) {
                return throttleMs.applyAsLong(used);
            }
        };
        return new Quotas(enforcer, System::nanoTime)
                .record(CLIENT, null, QuotaEnforcer.Usage.CONTROLLER_MUTATIONS, amount);
    }
}
