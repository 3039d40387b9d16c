/** Plugins that come with Odradek. */
package io.odradek.plugins;
