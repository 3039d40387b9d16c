package io.odradek.spi;

import io.smallrye.mutiny.Uni;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Turns what a connection shows of itself into a principal.
 *
 * <p>The exchange of SASL and TLS messages is the broker's; a plugin sees the credentials that came out of it. A
 * connection is asked about once when it opens, and again when the client re-authenticates.
 *
 * <p>Threading: called on the connections' event loops, by many at once, and must not block: whoever has to wait for a
 * directory or a token's issuer answers with a {@link Uni} that completes later, on any thread. The broker closes the connection if that
 * takes longer than {@code connections.max.idle.ms}.
 *
 * <p>Errors: credentials that do not hold are a {@code Uni} failed with {@link AuthenticationRefusedException}, whose
 * message goes to the client. Any other failure also refuses the connection, tells the client nothing more than that,
 * and is logged as the plugin's failure.
 *
 * <p>Example, users from a map:
 *
 * <pre>{@code
 * public Uni<Authenticated> authenticate(Connection connection, Credentials credentials) {
 *     if (credentials instanceof Credentials.Password p && p.password().equals(passwords.get(p.user()))) {
 *         return Uni.createFrom().item(Authenticated.as(Principal.user(p.user())));
 *     }
 *     return Uni.createFrom().failure(new AuthenticationRefusedException("unknown user or wrong password"));
 * }
 * }</pre>
 */
public interface Authenticator extends Plugin {
    Uni<Authenticated> authenticate(Connection connection, Credentials credentials);

    /**
     * Where the credentials came from.
     *
     * @param listener name of the listener that accepted the connection
     * @param encrypted whether the connection is under TLS
     */
    record Connection(String listener, InetSocketAddress address, boolean encrypted) {}

    /** What a connection shows of itself. Their text form never contains a secret. */
    sealed interface Credentials {
        /**
         * A certificate that the listener's trust store vouches for.
         *
         * @param chain the peer's certificate first
         * @param serverName the name that the client asked for (SNI), if it did
         */
        record TlsPeer(List<X509Certificate> chain, Optional<String> serverName) implements Credentials {
            public TlsPeer {
                chain = List.copyOf(chain);
            }
        }

        /**
         * A user's password in the clear, from SASL/PLAIN.
         *
         * @param authorizationId whom the user wants to act as; empty if the client did not say
         */
        record Password(String user, String password, Optional<String> authorizationId) implements Credentials {
            @Override
            public String toString() {
                return "Password[user=" + user + "]";
            }
        }

        /** A bearer token, from SASL/OAUTHBEARER, unverified. */
        record Token(String token) implements Credentials {
            @Override
            public String toString() {
                return "Token[" + token.length() + " characters]";
            }
        }
    }

    /**
     * The outcome.
     *
     * @param validFor after this time the client must authenticate again; empty if the identity does not expire
     */
    record Authenticated(Principal principal, Optional<Duration> validFor) {
        public static Authenticated as(Principal principal) {
            return new Authenticated(principal, Optional.empty());
        }
    }
}
