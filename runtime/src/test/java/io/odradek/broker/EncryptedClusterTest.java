package io.odradek.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.odradek.network.Certificates;
import io.odradek.peer.Ports;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers that speak to each other on a listener of their own, which asks for certificates. */
@Timeout(120)
class EncryptedClusterTest {
    private static final int NODES = 3;

    @TempDir
    Path home;

    private TestCluster cluster(Map<String, String> ssl) {
        var cluster = TestCluster.in(home, NODES);
        for (int id = 1; id <= NODES; id++) {
            var listeners = cluster.config(id).originals().get("listeners");
            cluster.with(id, "listeners", listeners + ",INTERNAL://127.0.0.1:" + Ports.free());
        }
        cluster.with("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,INTERNAL:SSL,CONTROLLER:PLAINTEXT")
                .with("inter.broker.listener.name", "INTERNAL");
        ssl.forEach((name, value) -> cluster.with("listener.name.internal." + name, value));
        return cluster;
    }

    private Map<String, String> ssl() throws Exception {
        var certificates = Certificates.in(home);
        var ssl = new HashMap<>(certificates.pem("broker"));
        ssl.put("ssl.client.auth", "required");
        ssl.put("ssl.truststore.type", "PEM");
        ssl.put("ssl.truststore.certificates", certificates.certificatePem("broker"));
        return ssl;
    }

    @Test
    void followersFetchAndTransactionsEndOverTls() throws Exception {
        try (var cluster = cluster(ssl()).start()) {
            cluster.createTopic("t", 3, 3, Map.of("min.insync.replicas", "3"));
            cluster.awaitInSync("t");
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", cluster.bootstrap(), "acks", "all", "transactional.id", "id"),
                    new StringSerializer(),
                    new StringSerializer())) {
                producer.initTransactions();
                for (int i = 0; i < 3; i++) {
                    producer.beginTransaction();
                    for (int p = 0; p < 3; p++) {
                        producer.send(new ProducerRecord<>("t", p, null, "v")).get(60, TimeUnit.SECONDS);
                    }
                    producer.commitTransaction();
                }
            }
            assertEquals(3, cluster.partition("t", 0).isr().size());
        }
    }
}
