/** Finding plugins with {@link java.util.ServiceLoader} and choosing among them by name. */
package io.odradek.plugin;
