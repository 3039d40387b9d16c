package io.odradek.network;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSocket;

/** Which certificate a TLS listener shows. */
public final class TestTls {
    private TestTls() {}

    /** The serial number of the certificate that the listener on this port shows to a client that trusts everybody. */
    public static BigInteger servedBy(int port) throws IOException {
        try (var client =
                new TestClient(TestServer.trusting().getSocketFactory().createSocket("127.0.0.1", port))) {
            client.ping();
            var session = ((SSLSocket) client.socket()).getSession();
            return ((X509Certificate) session.getPeerCertificates()[0]).getSerialNumber();
        }
    }

    /** The serial number of one of the tests' certificates. */
    public static BigInteger serial(Certificates certificates, String name) throws Exception {
        var pem = new ByteArrayInputStream(certificates.certificatePem(name).getBytes());
        return ((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem)).getSerialNumber();
    }
}
