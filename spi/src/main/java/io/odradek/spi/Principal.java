package io.odradek.spi;

import java.util.Map;

/**
 * An authenticated identity.
 *
 * @param type kind of principal, {@code User} as in Kafka's ACLs unless a plugin knows others
 * @param name the identity's name within its type
 * @param claims further statements about the identity that later decisions may use, such as the claims of a token;
 *     empty if there are none
 */
public record Principal(String type, String name, Map<String, String> claims) {
    /** The type of nearly every principal. */
    public static final String USER = "User";

    /** Whoever did not authenticate. */
    public static final Principal ANONYMOUS = user("ANONYMOUS");

    public Principal {
        claims = Map.copyOf(claims);
    }

    public static Principal user(String name) {
        return new Principal(USER, name, Map.of());
    }

    /** As Kafka writes it in ACLs: {@code User:alice}. */
    @Override
    public String toString() {
        return type + ":" + name;
    }
}
