package io.odradek.plugin;

import io.odradek.spi.Plugin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * The plugins that can be chosen: those on the class path and, on the JVM, those in a plugins folder.
 *
 * <p>In the folder, a jar is one plugin and a subfolder with jars is another, each with a class loader of its own (see
 * {@link PluginClassLoader}). A native executable has the plugins that were on its class path when it was built.
 *
 * <p>Threading: used by the thread that starts and stops the broker; not safe for several. The plugins that it hands out
 * are used as their own contracts say.
 *
 * <p>Errors: whatever is wrong with a plugin is a {@link PluginException} with one line that names it. A listed plugin
 * that cannot be constructed is an error even if another one is chosen: an installation is whole or it does not start.
 */
public final class Plugins implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Plugins.class);

    private final List<PluginClassLoader> folders;
    private final Deque<Plugin> loaded = new ArrayDeque<>();

    private Plugins(List<PluginClassLoader> folders) {
        this.folders = folders;
    }

    /** The plugins on the class path alone. */
    public static Plugins onClassPath() {
        return new Plugins(List.of());
    }

    /**
     * The plugins on the class path and those in a folder.
     *
     * @throws PluginException if the folder does not exist or cannot be read
     */
    public static Plugins in(Path folder) {
        var loaders = new ArrayList<PluginClassLoader>();
        try (var entries = Files.list(folder)) {
            for (var entry : entries.sorted().toList()) {
                PluginClassLoader.of(entry, Plugins.class.getClassLoader()).ifPresent(loaders::add);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new PluginException("plugins folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
        return new Plugins(loaders);
    }

    /** The names that can be chosen for a contract, in order. */
    public List<String> names(Class<? extends Plugin> contract) {
        return List.copyOf(find(contract).keySet());
    }

    /**
     * Constructs and configures the plugin of a name. {@link #close()} closes it.
     *
     * @param contract the SPI interface, such as {@code Partitioner.class}
     * @param settings handed to {@link Plugin#configure}
     * @throws PluginException if there is none of that name, or it fails
     */
    public <P extends Plugin> P load(Class<P> contract, String name, Map<String, String> settings) {
        var known = find(contract);
        var plugin = known.get(name);
        if (plugin == null) {
            throw new PluginException("no " + contract.getSimpleName() + " is named '" + name + "'"
                    + (known.isEmpty() ? "; none is installed" : "; known: " + String.join(", ", known.keySet())));
        }
        try {
            plugin.configure(Map.copyOf(settings));
        } catch (Exception | LinkageError e) {
            throw new PluginException(
                    contract.getSimpleName() + " '" + name + "' ("
                            + plugin.getClass().getName() + ") refuses its configuration: " + oneLine(e),
                    e);
        }
        loaded.push(plugin);
        return plugin;
    }

    /** Closes the loaded plugins, last first, and the class loaders of the folder. Does not throw. */
    @Override
    public void close() {
        while (!loaded.isEmpty()) {
            var plugin = loaded.pop();
            try {
                plugin.close();
            } catch (RuntimeException e) {
                LOG.warnf(e, "plugin '%s' failed to close", plugin.getClass().getName());
            }
        }
        for (var folder : folders) {
            try {
                folder.close();
            } catch (IOException e) {
                LOG.warnf("plugin %s failed to close: %s", folder.getName(), e.getMessage());
            }
        }
    }

    private <P extends Plugin> Map<String, P> find(Class<P> contract) {
        var found = new TreeMap<String, P>();
        collect(contract, Plugins.class.getClassLoader(), "the class path", found);
        for (var folder : folders) {
            collect(contract, folder, folder.getName(), found);
        }
        return found;
    }

    private static <P extends Plugin> void collect(
            Class<P> contract, ClassLoader loader, String origin, Map<String, P> found) {
        var providers = ServiceLoader.load(contract, loader).iterator();
        try {
            while (providers.hasNext()) {
                var plugin = providers.next();
                // A folder's loader also lists what the class path has.
                if (loader instanceof PluginClassLoader && plugin.getClass().getClassLoader() != loader) {
                    continue;
                }
                var name = plugin.name();
                if (name == null || name.isBlank()) {
                    throw new PluginException(contract.getSimpleName() + " "
                            + plugin.getClass().getName() + " of " + origin + " has no name");
                }
                var other = found.put(name, plugin);
                if (other != null) {
                    throw new PluginException("two plugins of type " + contract.getSimpleName() + " are named '" + name
                            + "': " + other.getClass().getName() + " and "
                            + plugin.getClass().getName() + " of " + origin);
                }
            }
        } catch (PluginException e) {
            throw e;
        } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
            throw new PluginException(
                    contract.getSimpleName() + " plugin of " + origin + " cannot be loaded: " + oneLine(e), e);
        }
    }

    /** A provider's own failure says more than the service loader's wrapping of it; the wrapping names the class. */
    private static String oneLine(Throwable e) {
        var text = new StringBuilder(
                String.valueOf(e.getMessage() == null ? e.getClass().getName() : e.getMessage()));
        if (e instanceof ServiceConfigurationError && e.getCause() != null) {
            text.append(": ").append(e.getCause());
        }
        return text.toString().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
