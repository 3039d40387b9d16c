package io.odradek.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.odradek.network.Certificates;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS as a user sets it up: two named listeners, stores made with keytool, clients with and without a certificate. */
class SslIT {
    @TempDir
    Path home;

    @Test
    void aListenerThatWantsCertificatesBesideOneThatIsPlain() throws Exception {
        var certificates = Certificates.in(home);
        var port = BrokerProcess.freePort();
        var broker = BrokerProcess.in(home.resolve("broker"));
        try (broker) {
            broker.with("KAFKA_LISTENERS", "PLAINTEXT://" + broker.bootstrap() + ",SECURE://127.0.0.1:" + port)
                    .with("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,SECURE:SSL")
                    .with("KAFKA_SSL_KEYSTORE_TYPE", "PKCS12")
                    .with(
                            "KAFKA_SSL_KEYSTORE_LOCATION",
                            certificates.keyStore("broker", "PKCS12").toString())
                    .with("KAFKA_SSL_KEYSTORE_PASSWORD", Certificates.PASSWORD)
                    .with("KAFKA_SSL_KEY_PASSWORD", Certificates.PASSWORD)
                    .with("KAFKA_SSL_TRUSTSTORE_TYPE", "PEM")
                    .with("KAFKA_SSL_TRUSTSTORE_CERTIFICATES", certificates.certificatePem("client"))
                    .with("KAFKA_LISTENER_NAME_SECURE_SSL_CLIENT_AUTH", "required")
                    .start();
            var secure = "127.0.0.1:" + port;
            var known = client(secure, certificates);
            known.put("ssl.keystore.type", "PKCS12");
            known.put(
                    "ssl.keystore.location",
                    certificates.keyStore("client", "PKCS12").toString());
            known.put("ssl.keystore.password", Certificates.PASSWORD);
            known.put("ssl.key.password", Certificates.PASSWORD);
            try (var producer = new KafkaProducer<>(known, new StringSerializer(), new StringSerializer())) {
                for (int i = 0; i < 1000; i++) {
                    producer.send(new ProducerRecord<>("secret", History.value(0, i)));
                }
            }
            try (var admin = Admin.create(known)) {
                assertEquals(
                        port,
                        admin.describeCluster().nodes().get().iterator().next().port());
            }
            assertEquals(1000, History.read(known, "secret").get(0).size());
            assertEquals(1000, History.read(broker.bootstrap(), "secret").get(0).size());

            var stranger = client(secure, certificates);
            stranger.put("default.api.timeout.ms", 5000);
            stranger.put("request.timeout.ms", 5000);
            try (var admin = Admin.create(stranger)) {
                assertThrows(
                        ExecutionException.class,
                        () -> admin.describeCluster().nodes().get());
            }
        }
    }

    private static Map<String, Object> client(String bootstrap, Certificates certificates) throws Exception {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                bootstrap,
                "security.protocol",
                "SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.certificates",
                certificates.certificatePem("broker")));
    }
}
