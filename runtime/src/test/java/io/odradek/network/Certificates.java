package io.odradek.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Self-signed certificates made with the JDK's keytool, in the forms that Kafka's settings take. */
public record Certificates(Path directory) {
    public static final String PASSWORD = "secret-of-tests";

    public static Certificates in(Path directory) {
        return new Certificates(directory);
    }

    /** Makes a key with a certificate for CN=name, valid for 127.0.0.1, unless there is one. */
    public Path keyStore(String name, String type) throws IOException {
        var file = directory.resolve(name + "." + type.toLowerCase());
        if (!Files.exists(file)) {
            keytool(List.of(
                    "-genkeypair",
                    "-alias",
                    "key",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-validity",
                    "2",
                    "-dname",
                    "CN=" + name + ",O=Odradek",
                    "-ext",
                    "SAN=IP:127.0.0.1",
                    "-storetype",
                    type,
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    PASSWORD,
                    "-keypass",
                    PASSWORD));
        }
        return file;
    }

    private static void keytool(List<String> arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes());
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(output);
        }
    }

    private KeyStore load(String name) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(keyStore(name, "PKCS12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    String privateKeyPem(String name) throws IOException, GeneralSecurityException {
        return pem(
                "PRIVATE KEY", load(name).getKey("key", PASSWORD.toCharArray()).getEncoded());
    }

    public String certificatePem(String name) throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", load(name).getCertificate("key").getEncoded());
    }

    private static String pem(String title, byte[] bytes) {
        return "-----BEGIN " + title + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + title
                + "-----\n";
    }

    /** Settings with key and certificate inline. */
    public Map<String, String> pem(String name) throws IOException, GeneralSecurityException {
        return Map.of(
                "ssl.keystore.type", "PEM",
                "ssl.keystore.key", privateKeyPem(name),
                "ssl.keystore.certificate.chain", certificatePem(name));
    }

    /** Settings with key and certificate in one PEM file. */
    public Map<String, String> pemFile(Path file, String name) throws IOException, GeneralSecurityException {
        Files.writeString(file, privateKeyPem(name) + certificatePem(name));
        return Map.of("ssl.keystore.type", "PEM", "ssl.keystore.location", file.toString());
    }

    public Map<String, String> store(String name, String type) throws IOException {
        return Map.of(
                "ssl.keystore.type", type,
                "ssl.keystore.location", keyStore(name, type).toString(),
                "ssl.keystore.password", PASSWORD,
                "ssl.key.password", PASSWORD);
    }

    /** A client that trusts some servers, and shows a certificate if it is given a name. */
    public SSLContext client(String name, String... trusted) throws IOException, GeneralSecurityException {
        var trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        for (var server : trusted) {
            trust.setCertificateEntry(server, load(server).getCertificate("key"));
        }
        var trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusts.init(trust);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(name.isEmpty() ? null : load(name), PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusts.getTrustManagers(), null);
        return context;
    }

    @SafeVarargs
    static Map<String, String> all(Map<String, String>... settings) {
        var all = new java.util.HashMap<String, String>();
        Stream.of(settings).forEach(all::putAll);
        return all;
    }
}
