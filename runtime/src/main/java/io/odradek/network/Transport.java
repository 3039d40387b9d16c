package io.odradek.network;

import io.netty.handler.ssl.SslHandler;
import io.odradek.log.LogSlice;
import io.odradek.network.IdentityResolver.Arrival;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** How one connection's bytes travel. */
sealed interface Transport {
    /** Whether the client may be identified as soon as it has connected, or only after a handshake. */
    boolean isReadyAtOnce();

    /** What is known of the client when the transport is ready. */
    Arrival arrival(ListenerConfig listener, InetSocketAddress address);

    /** A response's part as the channel takes it. */
    Object outbound(Object part);

    /** As it is; slices of logs go from the file to the socket without coming here. */
    record Plaintext() implements Transport {
        @Override
        public boolean isReadyAtOnce() {
            return true;
        }

        @Override
        public Arrival arrival(ListenerConfig listener, InetSocketAddress address) {
            return new Arrival(
                    listener.name(),
                    listener.securityProtocol(),
                    address,
                    KafkaPrincipal.ANONYMOUS,
                    Optional.empty(),
                    Optional.empty());
        }

        @Override
        public Object outbound(Object part) {
            return part instanceof LogSlice slice ? new SliceRegion(slice) : part;
        }
    }

    /** Encrypted. */
    record Tls(SslHandler handler, TlsCredentials credentials) implements Transport {
        @Override
        public boolean isReadyAtOnce() {
            return false;
        }

        @Override
        public Arrival arrival(ListenerConfig listener, InetSocketAddress address) {
            var session = handler.engine().getSession();
            var subject = Optional.<String>empty();
            try {
                subject = Optional.of(session.getPeerPrincipal().getName());
            } catch (SSLPeerUnverifiedException e) {
                // A client without a certificate is anonymous, unless ssl.client.auth refused it already.
            }
            return new Arrival(
                    listener.name(),
                    listener.securityProtocol(),
                    address,
                    subject.map(credentials::principal).orElse(KafkaPrincipal.ANONYMOUS),
                    subject,
                    serverName((ExtendedSSLSession) session));
        }

        private static Optional<String> serverName(ExtendedSSLSession session) {
            return session.getRequestedServerNames().stream()
                    .filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .findFirst();
        }

        @Override
        public Object outbound(Object part) {
            return part instanceof LogSlice slice ? new SliceChunks(slice) : part;
        }
    }
}
