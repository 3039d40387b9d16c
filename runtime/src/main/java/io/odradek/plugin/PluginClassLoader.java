package io.odradek.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.ZipException;

/**
 * The classes of one plugin. Looks into the plugin's own jars first, so that a plugin may bring other versions of
 * libraries than the broker has; what both sides talk in, the SPI and Mutiny, comes from the broker alone.
 */
final class PluginClassLoader extends URLClassLoader {
    private static final List<String> SHARED = List.of("io.odradek.spi.", "io.smallrye.mutiny.");

    static {
        registerAsParallelCapable();
    }

    private PluginClassLoader(String name, URL[] jars, ClassLoader parent) {
        super(name, jars, parent);
    }

    /** The loader for an entry of the plugins folder; empty if the entry is neither a jar nor a folder with jars. */
    static Optional<PluginClassLoader> of(Path entry, ClassLoader parent) throws IOException {
        var jars = new ArrayList<URL>();
        if (Files.isDirectory(entry)) {
            try (var files = Files.list(entry)) {
                for (var file : files.sorted().toList()) {
                    addJar(file, jars);
                }
            }
        } else {
            addJar(entry, jars);
        }
        return jars.isEmpty()
                ? Optional.empty()
                : Optional.of(new PluginClassLoader(entry.toString(), jars.toArray(URL[]::new), parent));
    }

    private static void addJar(Path file, List<URL> jars) throws IOException {
        if (file.getFileName().toString().endsWith(".jar") && Files.isRegularFile(file)) {
            // URLClassLoader silently ignores a jar that it cannot read.
            try (var readable = new JarFile(file.toFile())) {
                jars.add(file.toUri().toURL());
            } catch (ZipException e) {
                throw new PluginException("plugin " + file + " is not a jar: " + e.getMessage(), e);
            }
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (SHARED.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            var loaded = findLoadedClass(name);
            if (loaded == null) {
                loaded = own(name);
            }
            if (loaded == null) {
                return super.loadClass(name, resolve);
            }
            if (resolve) {
                resolveClass(loaded);
            }
            return loaded;
        }
    }

    private Class<?> own(String name) {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
