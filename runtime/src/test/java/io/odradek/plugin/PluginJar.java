package io.odradek.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Compiles sources into a jar, as the author of a plugin would. */
final class PluginJar {
    private final Map<String, String> sources = new LinkedHashMap<>();
    private String services = "";

    /** Adds a partitioner that is listed as a provider. */
    PluginJar partitioner(String className, String body) {
        services += className + "\n";
        return type(
                className,
                "public class %s implements io.odradek.spi.Partitioner { %s }"
                        .formatted(className.substring(className.lastIndexOf('.') + 1), body));
    }

    PluginJar type(String className, String declaration) {
        var packageName = className.substring(0, className.lastIndexOf('.'));
        sources.put(className, "package " + packageName + ";\n" + declaration);
        return this;
    }

    PluginJar service(String line) {
        services += line + "\n";
        return this;
    }

    static String answers(String name, int partition) {
        return """
                public String name() { return "%s"; }
                public Session newSession(String topic, java.util.random.RandomGenerator random) {
                    return (partitions, key, value) -> %d;
                }
                """.formatted(name, partition);
    }

    void write(Path jar) throws IOException {
        var work = Files.createTempDirectory(jar.getParent().getParent(), "sources");
        var files = new java.util.ArrayList<String>();
        for (var source : sources.entrySet()) {
            var file = work.resolve(source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            files.add(Files.writeString(file, source.getValue()).toString());
        }
        if (!files.isEmpty()) {
            var options = Stream.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", work.toString());
            var arguments = Stream.concat(options, files.stream()).toArray(String[]::new);
            if (ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments) != 0) {
                throw new IllegalArgumentException("does not compile: " + Arrays.toString(arguments));
            }
        }
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var classes = Files.walk(work)) {
            for (var file : classes.filter(f -> f.toString().endsWith(".class")).toList()) {
                put(out, work.relativize(file).toString(), Files.readAllBytes(file));
            }
            put(out, "META-INF/services/io.odradek.spi.Partitioner", services.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(bytes);
        out.closeEntry();
    }
}
