cat > /tmp/a <<FIN

site {{ site }}
FIN
