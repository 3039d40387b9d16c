package io.odradek.spi;

import java.util.Map;

/**
 * What every plugin has: a name by which it is chosen, settings, an end.
 *
 * <p>A plugin is a public class with a public constructor without parameters, listed in
 * {@code META-INF/services/<the contract's class name>}. The broker creates it, asks its {@link #name()}, and if that is
 * the chosen one calls {@link #configure} once, then uses it, then calls {@link #close()} once.
 *
 * <p>Threading: the constructor, {@link #configure} and {@link #close()} are called on the thread that starts or stops
 * the broker and may block for a moment; no other method is called before {@link #configure} has returned or after
 * {@link #close()} was called. The constructor must be cheap and start nothing: every listed plugin is constructed to
 * learn its name, the chosen one alone is configured.
 *
 * <p>Errors: an exception from the constructor or {@link #configure} stops the start of the broker with one line that
 * names the plugin and carries the exception's message. Throw {@link IllegalArgumentException} for a bad setting and
 * name the setting in the message.
 */
public interface Plugin extends AutoCloseable {
    /** The name by which configuration and command line choose this plugin, in lower case with dashes: {@code round-robin}. */
    String name();

    /**
     * Takes the settings that the configuration holds for this plugin.
     *
     * @param settings names without the prefix that belongs to the plugin; never null, empty when nothing is set
     * @throws IllegalArgumentException if a setting is unknown or has no meaning
     */
    default void configure(Map<String, String> settings) {}

    /** Releases whatever the plugin holds. Does not throw. */
    @Override
    default void close() {}
}
