package io.odradek.checker;

import io.odradek.it.BrokerProcess;
import io.odradek.peer.ApacheKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions and groups under {@code kill -9} of the broker and of clients, held against what Kafka promises
 * (docs/testing.md says how to run it longer, with a seed, or against Apache Kafka itself).
 */
class TransactionCheckerIT {
    private static final Duration SHORT = Duration.ofSeconds(40);
    private static final boolean GENTLY = "TERM".equals(System.getProperty("odradek.checker.signal"));

    /** Clients say a lot about a broker that is gone. Kept, since a logger that nobody keeps forgets its level. */
    private static final Logger QUIET = Logger.getLogger("org.apache.kafka");

    @TempDir
    Path home;

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.OFF);
    }

    @Test
    void nothingForbiddenHappens() throws Exception {
        System.out.println("seed " + CheckedRun.SEED);
        if ("kafka".equals(System.getProperty("odradek.checker.broker"))) {
            try (var kafka = ApacheKafka.start(home, CheckedRun.SETTINGS)) {
                CheckedRun.check(
                        new Workload.Broker() {
                            @Override
                            public String bootstrap() {
                                return kafka.bootstrapServer();
                            }

                            @Override
                            public void kill() throws Exception {
                                if (GENTLY) {
                                    kafka.terminate();
                                } else {
                                    kafka.kill();
                                }
                            }

                            @Override
                            public void start() throws Exception {
                                kafka.start();
                            }
                        },
                        SHORT);
            }
            return;
        }
        try (var odradek = BrokerProcess.in(home)) {
            CheckedRun.SETTINGS.forEach((name, value) -> odradek.with(CheckedRun.variable(name), value));
            odradek.start();
            CheckedRun.check(
                    new Workload.Broker() {
                        @Override
                        public String bootstrap() {
                            return odradek.bootstrap();
                        }

                        @Override
                        public void kill() throws Exception {
                            if (GENTLY) {
                                odradek.terminate();
                            } else {
                                odradek.kill();
                            }
                        }

                        @Override
                        public void start() throws Exception {
                            odradek.start();
                        }
                    },
                    SHORT);
        }
    }
}
