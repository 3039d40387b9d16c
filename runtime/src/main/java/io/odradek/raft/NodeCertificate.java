package io.odradek.raft;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/** The least that TLS takes for a certificate (RFC 5280, RFC 8410): the JDK reads certificates, but makes none. */
final class NodeCertificate {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OBJECT_ID = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xa0;

    private static final byte[] ED25519 = {0x2b, 0x65, 0x70};
    private static final byte[] COMMON_NAME = {0x55, 0x04, 0x03};

    private NodeCertificate() {}

    /** @param keys of Ed25519 */
    static X509Certificate selfSigned(KeyPair keys) throws GeneralSecurityException {
        var algorithm = der(SEQUENCE, der(OBJECT_ID, ED25519));
        var name = der(
                SEQUENCE,
                der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, ascii("odradek cluster")))));
        var always = der(
                SEQUENCE,
                der(GENERALIZED_TIME, ascii("20000101000000Z")),
                der(GENERALIZED_TIME, ascii("99991231235959Z")));
        var content = der(
                SEQUENCE,
                der(VERSION, der(INTEGER, new byte[] {2})),
                der(INTEGER, new byte[] {1}),
                algorithm,
                name,
                always,
                name,
                keys.getPublic().getEncoded());
        var signature = Signature.getInstance("Ed25519");
        signature.initSign(keys.getPrivate());
        signature.update(content);
        var certificate = der(SEQUENCE, content, algorithm, der(BIT_STRING, new byte[] {0}, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] der(int tag, byte[]... contents) {
        var content = new ByteArrayOutputStream();
        for (var each : contents) {
            content.writeBytes(each);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
